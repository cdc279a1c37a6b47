"""Results of a round: computations, objections, statements."""
