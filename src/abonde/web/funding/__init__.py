"""Pages of the fund: pots and instalments for the host, pledges and signatures for funders."""
