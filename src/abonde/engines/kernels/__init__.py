"""Compiled fixed-point kernels: the integers of `matching.pairwise` and `matching.cluster`, for a million people."""
