"""The packages of Office since 2007: zip files of XML parts that name each other (ECMA-376)."""
