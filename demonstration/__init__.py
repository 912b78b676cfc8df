"""演示: plays the Jilin case through the same services the pages call, with invented people, companies and offices."""
