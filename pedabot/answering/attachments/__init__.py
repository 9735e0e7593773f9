"""Files that students attach: text only, checked by content, never run."""
