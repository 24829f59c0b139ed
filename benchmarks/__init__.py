"""Speed, side by side in one run, as ratios; and what learning is worth, on simulated companies."""
