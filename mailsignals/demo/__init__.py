"""The simulated company."""

from mailsignals.demo.simulation import STORIES_FILE, Simulation, simulate, write

__all__ = ["STORIES_FILE", "Simulation", "simulate", "write"]
