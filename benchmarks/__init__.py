"""How fast, how small and how good the library is, beside what people use today."""
