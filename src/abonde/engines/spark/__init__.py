"""Counting on an Apache Spark cluster; the package `pyspark` comes with the extra `spark`."""
