"""The living demonstration: an invented territory with a round in each state, loaded by the actions that people use."""
