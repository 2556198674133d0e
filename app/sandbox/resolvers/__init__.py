"""What each field of the schema answers, one module an area; `binding` ties them to the schema."""
