"""Drawings that make the idea of co-funding visible: pictures in SVG, made of numbers that `abonde.matching` found."""
