"""The simulated company."""

from mailsignals.demo.simulation import Simulation, simulate, write

__all__ = ["Simulation", "simulate", "write"]
