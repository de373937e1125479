"""Tests that are owed before there is a tube (来人随到随采, 发热就诊, 疑似病例, 复核): their clocks run."""
