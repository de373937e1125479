"""The duty matrix: whose each message and each task is (requirements row 155)."""
