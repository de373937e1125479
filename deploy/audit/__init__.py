"""`make audit`: known vulnerabilities, licences, the bill of materials and the number of dependencies."""
