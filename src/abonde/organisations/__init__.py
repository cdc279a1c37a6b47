"""Hosts, certifiers and funders, and the agents who act for them."""
