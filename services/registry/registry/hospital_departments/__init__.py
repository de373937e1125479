"""Hospital departments (科室): which population code each stands for, as dated data (requirements row 10)."""
