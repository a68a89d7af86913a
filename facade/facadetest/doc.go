// Package facadetest is a Windmill in memory, for the tests of programs that use the package facade.
package facadetest
