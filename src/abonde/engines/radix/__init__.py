"""Counting by radix: rows packed in 64 bits, dealt to the buckets of their people, merged inside the cache."""
