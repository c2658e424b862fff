SELECT DISTINCT name, version, build FROM consign.projection
