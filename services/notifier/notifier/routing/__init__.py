"""By which channels, and in which order, a notice goes: dated routes."""
