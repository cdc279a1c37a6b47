"""Engines: the same integers from files of any size.

An engine merges the gifts of each person, counts, and (for `pairwise` and `cluster`) runs a fixed-point kernel. What
follows, from roots to cents, is `abonde.matching` and is never done twice.

    memory   plain Python, the reference; for what fits in a list
    duckdb   CSV and Parquet, larger than memory
    radix    Parquet, tens to hundreds of millions of rows on one machine
    spark    a Parquet dataset on a cluster, for those who outgrow one machine
"""
