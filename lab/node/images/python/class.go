package python

import (
	"fmt"
	"hash/fnv"

	"go.starlark.net/starlark"
)

// class is a class of the program, or one of http.server.
type class struct {
	name    string
	base    *class
	methods *starlark.Dict
	files   bool // it serves files
}

// makeClass is what the text of a class becomes (rewrite.go).
func makeClass(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	c := &class{name: plain(args[0])}
	switch base := args[1].(type) {
	case *class:
		c.base, c.files = base, base.files
	case starlark.NoneType:
	default:
		return nil, raise("TypeError", "healthlab's python has no classes on %s", base.Type())
	}
	c.methods, _ = args[2].(*starlark.Dict)
	return c, nil
}

func (c *class) String() string       { return fmt.Sprintf("<class '__main__.%s'>", c.name) }
func (c *class) Type() string         { return "type" }
func (c *class) Freeze()              {}
func (c *class) Truth() starlark.Bool { return true }
func (c *class) Name() string         { return c.name }
func (c *class) Hash() (uint32, error) {
	h := fnv.New32()
	_, _ = h.Write([]byte(c.name))
	return h.Sum32(), nil
}

// method is the function of a name, of the class itself or of those below it.
func (c *class) method(name string) starlark.Callable {
	for ; c != nil; c = c.base {
		if c.methods == nil {
			continue
		}
		if v, found, _ := c.methods.Get(starlark.String(name)); found {
			f, _ := v.(starlark.Callable)
			return f
		}
	}
	return nil
}

// CallInternal makes an object.
func (c *class) CallInternal(t *starlark.Thread, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	o := &object{class: c, fields: starlark.StringDict{}}
	if made := c.method("__init__"); made != nil {
		if _, err := starlark.Call(t, made, append(starlark.Tuple{o}, args...), kwargs); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// object is an object of a class.
type object struct {
	class  *class
	fields starlark.StringDict
}

func (o *object) String() string        { return fmt.Sprintf("<__main__.%s object>", o.class.name) }
func (o *object) Type() string          { return o.class.name }
func (o *object) Freeze()               {}
func (o *object) Truth() starlark.Bool  { return true }
func (o *object) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: %s", o.class.name) }
func (o *object) AttrNames() []string   { return o.fields.Keys() }

// Attr is a field or a method.
func (o *object) Attr(name string) (starlark.Value, error) {
	if f := o.class.method(name); f != nil {
		return starlark.NewBuiltin(name, func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			return starlark.Call(t, f, append(starlark.Tuple{o}, args...), kwargs)
		}), nil
	}
	if v, ok := o.fields[name]; ok {
		return v, nil
	}
	return nil, raise("AttributeError", "'%s' object has no attribute '%s'", o.class.name, name)
}

// SetField sets a field.
func (o *object) SetField(name string, v starlark.Value) error {
	o.fields[name] = v
	return nil
}
