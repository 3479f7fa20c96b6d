"""Reports on test sends: what a campaign did to samples, each against its control."""
