"""What the sandbox world is made of: plain records, one module an area, without behaviour of their own."""
