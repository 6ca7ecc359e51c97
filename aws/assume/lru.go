package assume

import "container/list"

// lru is a map that forgets the entry that was not used for the longest. It is not safe for concurrent use.
type lru[K comparable, V any] struct {
	limit   int
	order   *list.List // of entry[K, V], the last used in front
	entries map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newLRU[K comparable, V any](limit int) *lru[K, V] {
	return &lru[K, V]{limit: limit, order: list.New(), entries: map[K]*list.Element{}}
}

func (l *lru[K, V]) get(k K) (value V, ok bool) {
	at, ok := l.entries[k]
	if !ok {
		return value, false
	}
	l.order.MoveToFront(at)
	return at.Value.(entry[K, V]).value, true
}

// put adds an entry under a key that is not there.
func (l *lru[K, V]) put(k K, v V) {
	l.entries[k] = l.order.PushFront(entry[K, V]{k, v})
	if l.order.Len() > l.limit {
		last := l.order.Remove(l.order.Back()).(entry[K, V])
		delete(l.entries, last.key)
	}
}
