package progress

// Jobs is how many jobs a Memory holds.
func Jobs(m *Memory) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.jobs)
}
