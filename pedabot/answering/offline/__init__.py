"""An answer from the course alone, without any model: it quotes, and never invents."""
