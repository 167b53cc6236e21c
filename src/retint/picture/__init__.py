"""Everything done with one photograph: colouring, finishing, repair, restoring, contact sheets."""
