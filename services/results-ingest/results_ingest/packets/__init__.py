"""Sealed packets of tubes (封包): what is in them, from which site, to which laboratory."""
