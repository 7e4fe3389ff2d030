"""The binary formats of Office before 2007, read from their compound files [MS-CFB]. Pure."""
