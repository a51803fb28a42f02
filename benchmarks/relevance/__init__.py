"""Whether what shoppers type finds what they mean."""
