"""A believable month of a city's hotline: people, texts, and orders that live through the whole table."""
