"""The simulated company."""

from mailsignals.demo.simulation import STORIES_FILE, Simulation, simulate, write_company

__all__ = ["STORIES_FILE", "Simulation", "simulate", "write_company"]
