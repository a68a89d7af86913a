package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// render writes what a package exports as Go declarations, without bodies, sorted by kind and name. Unexported types that an
// exported declaration mentions follow it, as far as they can be seen from outside.
func render(pkg *types.Package) string {
	r := &renderer{pkg: pkg, imports: map[string]bool{}}
	var exported []types.Object
	for _, name := range pkg.Scope().Names() {
		if token.IsExported(name) {
			exported = append(exported, pkg.Scope().Lookup(name))
		}
	}
	slices.SortStableFunc(exported, func(a, b types.Object) int { return cmp.Compare(kind(a), kind(b)) })
	done := map[types.Object]bool{}
	for pending := exported; len(pending) > 0; {
		for _, obj := range pending {
			done[obj] = true
			r.object(obj)
		}
		pending = slices.DeleteFunc(r.mentioned(), func(obj types.Object) bool { return done[obj] })
	}
	return r.file()
}

// kind orders declarations: constants, variables, functions, types.
func kind(obj types.Object) int {
	switch obj.(type) {
	case *types.Const:
		return 0
	case *types.Var:
		return 1
	case *types.Func:
		return 2
	}
	return 3
}

type renderer struct {
	pkg     *types.Package
	imports map[string]bool
	text    strings.Builder
}

func (r *renderer) printf(form string, args ...any) { fmt.Fprintf(&r.text, form, args...) }

// name is how declarations call another package.
func (r *renderer) name(p *types.Package) string {
	if p == r.pkg {
		return ""
	}
	r.imports[p.Path()] = true
	return p.Name()
}

func (r *renderer) typ(t types.Type) string { return types.TypeString(t, r.name) }

func (r *renderer) object(obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		typ := ""
		if b, ok := obj.Type().(*types.Basic); !ok || b.Info()&types.IsUntyped == 0 {
			typ = r.typ(obj.Type())
		}
		r.printf("const %s %s = %s\n", obj.Name(), typ, obj.Val().ExactString())
	case *types.Var:
		r.printf("var %s %s\n", obj.Name(), r.typ(obj.Type()))
	case *types.Func:
		r.printf("%s\n", types.ObjectString(obj, r.name))
	case *types.TypeName:
		r.typeName(obj)
	}
}

func (r *renderer) typeName(obj *types.TypeName) {
	named, ok := obj.Type().(*types.Named)
	if obj.IsAlias() || !ok {
		r.printf("\n%s\n", types.ObjectString(obj, r.name))
		return
	}
	parameters := ""
	if list := named.TypeParams(); list.Len() > 0 {
		var each []string
		for p := range list.TypeParams() {
			each = append(each, p.Obj().Name()+" "+r.typ(p.Constraint()))
		}
		parameters = "[" + strings.Join(each, ", ") + "]"
	}
	r.printf("\ntype %s%s ", obj.Name(), parameters)
	switch under := named.Underlying().(type) {
	case *types.Struct:
		r.structType(under, obj.Exported())
	case *types.Interface:
		r.interfaceType(under)
	default:
		r.printf("%s\n", r.typ(under))
	}
	methods := slices.SortedFunc(named.Methods(), func(a, b *types.Func) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, m := range methods {
		if m.Exported() {
			signature := strings.TrimPrefix(r.typ(m.Signature()), "func")
			r.printf("func (%s) %s%s\n", r.typ(m.Signature().Recv().Type()), m.Name(), signature)
		}
	}
}

// structType shows the exported fields. One stands for all others where programs can name the type, since they can tell
// then whether there are any and whether two values can be compared.
func (r *renderer) structType(s *types.Struct, named bool) {
	var fields strings.Builder
	hidden := false
	for f := range s.Fields() {
		switch {
		case f.Embedded():
			fmt.Fprintln(&fields, r.typ(f.Type()))
		case f.Exported():
			fmt.Fprintln(&fields, f.Name(), r.typ(f.Type()))
		default:
			hidden = named
		}
	}
	switch {
	case hidden && types.Comparable(s):
		fields.WriteString("_ struct{} // unexported fields\n")
	case hidden:
		fields.WriteString("_ []struct{} // unexported fields, not comparable\n")
	case fields.Len() == 0:
		r.printf("struct{}\n")
		return
	}
	r.printf("struct {\n%s}\n", fields.String())
}

// interfaceType shows the exported methods. One stands for all others, since with any a type of another package cannot
// implement the interface.
func (r *renderer) interfaceType(i *types.Interface) {
	r.printf("interface {\n")
	for t := range i.EmbeddedTypes() {
		r.printf("%s\n", r.typ(t))
	}
	hidden := false
	for m := range i.ExplicitMethods() {
		if m.Exported() {
			r.printf("%s%s\n", m.Name(), strings.TrimPrefix(r.typ(m.Signature()), "func"))
		}
		hidden = hidden || !m.Exported()
	}
	if hidden {
		r.printf("unexported()\n")
	}
	r.printf("}\n")
}

// mentioned lists the package's unexported types that the declarations so far name.
func (r *renderer) mentioned() []types.Object {
	file, err := parser.ParseFile(token.NewFileSet(), "", r.file(), parser.SkipObjectResolution)
	if err != nil {
		return nil // compare meets the same error when it reads what was rendered
	}
	var found []types.Object
	var look func(n ast.Node) bool
	look = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			ast.Inspect(n.Type, look) // the field's own name is none of a type
			return false
		case *ast.SelectorExpr:
			return false // of another package
		case *ast.Ident:
			if t, ok := r.pkg.Scope().Lookup(n.Name).(*types.TypeName); ok && !t.Exported() && !slices.Contains(found, types.Object(t)) {
				found = append(found, t)
			}
		}
		return true
	}
	ast.Inspect(file, look)
	return found
}

// file puts the declarations together as gofmt would. Packages of this library are imported last, so that nothing
// moves when the module's path does.
func (r *renderer) file() string {
	var standard, own strings.Builder
	for _, path := range slices.Sorted(maps.Keys(r.imports)) {
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(first, ".") {
			fmt.Fprintf(&own, "\t%q\n", path)
			continue
		}
		fmt.Fprintf(&standard, "\t%q\n", path)
	}
	source := "// What this package exports, as it was accepted last: see make api.\n\npackage " + r.pkg.Name() +
		"\n\nimport (\n" + standard.String() + "\n" + own.String() + ")\n\n" + r.text.String()
	formatted, err := format.Source([]byte(source))
	if err != nil {
		return source
	}
	return string(formatted)
}
