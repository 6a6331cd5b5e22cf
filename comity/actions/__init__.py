"""The only writers: one public function for each verb. Each asks the guard, changes rows and goes through `enact`."""
