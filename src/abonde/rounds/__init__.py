"""Rounds, their calendar, challenges, rules, parties and signatures."""
