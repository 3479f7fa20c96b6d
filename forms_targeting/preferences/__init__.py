"""The page on which a person sees and changes what they agreed to, by a signed link."""
