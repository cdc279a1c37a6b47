"""Pages of results: what each project receives and why, objections, signatures, statements."""
