// Package callers holds what programs wrote against the first release's public surface, and has to
// compile for as long as its major version lasts. It is added to, and never edited: a line of it
// that has to change is a line that has to change in every user's program.
//
// Its go.mod and go.sum follow the library's.
package callers
