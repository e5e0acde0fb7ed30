"""The local stack: the real template deployed by the real `sam deploy` into an emulator on this machine."""
