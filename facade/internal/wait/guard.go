package wait

import "runtime"

// Guard calls f, and then over, whatever ended f. again is nil if f returned. After a panic or [runtime.Goexit], which a transport of a test may
// call, it does the same once more: in the goroutine of a caller, who can guard against it.
func Guard(f func(), over func(again func())) {
	again := runtime.Goexit
	defer func() {
		if p := recover(); p != nil {
			again = func() { panic(p) }
		}
		over(again)
	}()
	f()
	again = nil
}
