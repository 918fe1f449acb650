"""TEDS: admission and discharge records as the Treatment Episode Data Set codes them."""
