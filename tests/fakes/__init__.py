"""Fakes that many test folders share, named by their nature."""
