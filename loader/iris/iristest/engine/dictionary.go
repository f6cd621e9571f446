package engine

import (
	"slices"
	"strconv"
	"strings"
)

// classDictionary are the tables of the class dictionary that programs ask for what INFORMATION_SCHEMA does not say
// (Class Reference, package %Dictionary).
var classDictionary = []catalogTable{
	{"%Dictionary", "CompiledClass", classColumns, classRows},
	{"%Dictionary", "ClassDefinition", classColumns, classRows},
	{"%Dictionary", "CompiledProperty", propertyColumns, propertyRows},
	{"%Dictionary", "PropertyDefinition", propertyColumns, propertyRows},
	{"%Dictionary", "CompiledParameter", `parent:x Name:x _Default:x Type:x Description:x`, parameterRows},
	{"%Dictionary", "ParameterDefinition", `parent:x Name:x _Default:x Type:x Description:x`, parameterRows},
	{"%Dictionary", "CompiledProperty_Parameters", `CompiledProperty:x element_key:x Parameters:x`, propertyParameterRows},
	{"%Dictionary", "PropertyDefinition_Parameters", `PropertyDefinition:x element_key:x Parameters:x`, propertyParameterRows},
	{"%Dictionary", "CompiledIndex", indexColumns, indexRows},
	{"%Dictionary", "IndexDefinition", indexColumns, indexRows},
	{"%Dictionary", "CompiledForeignKey", `parent:x Name:x SqlName:x Properties:x ReferencedClass:x ReferencedKey:x OnDelete:x OnUpdate:x NoCheck:b`, foreignRows},
}

const (
	classColumns = `ID:x Name:x ClassType:x SqlTableName:x SqlSchemaName:x SqlQualifiedNameQ:x SqlRowIdName:x SqlRowIdPrivate:b Owner:x Super:x
		Abstract:b DdlAllowed:b Description:x System:i`
	propertyColumns = `ID:x parent:x Name:x SqlFieldName:x Type:x RuntimeType:x Collection:x Calculated:b Transient:b SqlComputed:b SqlComputeCode:x
		Relationship:b Cardinality:x ReadOnly:b _Identity:b Required:b InitialExpression:x SqlColumnNumber:i Description:x Private:b`
	indexColumns = `ID:x parent:x Name:x SqlName:x Data:x Properties:x Type:x _Unique:b PrimaryKey:b IdKey:b`
)

func classRows(n *namespace, _ *System) (rows [][]any) {
	for _, t := range n.sortedTables() {
		rows = append(rows, []any{t.class, t.class, "persistent", t.name, t.schema, t.schema + "." + t.name, t.rowID().name,
			bit(!t.publicRowID && t.identity() == nil), t.owner, "%Library.Persistent", int64(0), int64(1), orNull(t.description), int64(0)})
	}
	return rows
}

func propertyRows(n *namespace, _ *System) (rows [][]any) {
	for _, t := range n.sortedTables() {
		for i, c := range t.columns {
			var code, initial any
			if c.compute != "" {
				code = c.compute
			}
			if c.hasDefault {
				initial = c.defText
			}
			rows = append(rows, []any{t.class + "||" + c.property, t.class, c.property, c.name, c.class, c.class, "", bit(c.calculated && !c.transient), bit(c.transient),
				bit(c.compute != ""), code, int64(0), "", bit(c.version), bit(c.identity), bit(c.notNull), initial, int64(i + 2), orNull(c.description), int64(0)})
		}
	}
	return rows
}

// classParameters are those that DDL sets, and those that were given.
func (t *table) classParameters() map[string]string {
	params := map[string]string{"ALLOWIDENTITYINSERT": "0", "USEEXTENTSET": "1", "DDLALLOWED": "1", "EXTENTSIZE": "100000"}
	for key, value := range t.parameters {
		params[key] = value
	}
	return params
}

func parameterRows(n *namespace, _ *System) (rows [][]any) {
	for _, t := range n.sortedTables() {
		for _, kv := range sortedPairs(t.classParameters()) {
			rows = append(rows, []any{t.class, kv[0], kv[1], "", nil})
		}
	}
	return rows
}

func sortedPairs(m map[string]string) (list [][2]string) {
	for key, value := range m {
		list = append(list, [2]string{key, value})
	}
	slices.SortFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

// propertyParameters are the parameters of a column's data type.
func (c *column) propertyParameters() map[string]string {
	params := map[string]string{}
	for key, value := range c.params {
		params[key] = value
	}
	switch c.kind {
	case kString, kBinary, kGUID:
		if params["MAXLEN"] = ""; c.length >= 0 {
			params["MAXLEN"] = strconv.Itoa(c.length)
		}
	case kDecimal:
		params["SCALE"], params["PRECISION"] = strconv.Itoa(c.scale), strconv.Itoa(c.precision)
	case kDate:
		if c.min != 0 {
			params["MINVAL"] = strconv.FormatInt(c.min, 10)
		}
	}
	if c.collation != "" && c.kind == kString {
		params["COLLATION"] = c.collation
	}
	return params
}

func propertyParameterRows(n *namespace, _ *System) (rows [][]any) {
	for _, t := range n.sortedTables() {
		for _, c := range t.columns {
			for _, kv := range sortedPairs(c.propertyParameters()) {
				rows = append(rows, []any{t.class + "||" + c.property, kv[0], kv[1]})
			}
		}
	}
	return rows
}

func indexRows(n *namespace, _ *System) (rows [][]any) {
	for _, t := range n.sortedTables() {
		add := func(name, kind string, columns []*column, data []*column, unique, primary, id bool) {
			var fields any
			if data != nil {
				fields = propertyList(data)
			}
			class := alphanumeric(name)
			rows = append(rows, []any{t.class + "||" + class, t.class, class, name, fields, propertyList(columns), kind, bit(unique), bit(primary), bit(id)})
		}
		for _, k := range t.keys {
			if !k.index {
				add(k.name, "index", k.columns, nil, true, k.primary, t.idKey == k)
			}
		}
		for _, i := range t.indexes {
			var columns []*column
			for _, c := range i.columns {
				columns = append(columns, c.column)
			}
			kind := "index"
			if i.kind != "" {
				kind = strings.ToLower(i.kind)
			}
			add(i.name, kind, columns, i.data, i.unique, false, false)
		}
		add("%%DDLBEIndex", "bitmap", nil, nil, false, false, false)
	}
	return rows
}

func propertyList(columns []*column) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.property)
	}
	return strings.Join(names, ",")
}

func foreignRows(n *namespace, _ *System) (rows [][]any) {
	for _, t := range n.sortedTables() {
		for _, f := range t.foreign {
			rows = append(rows, []any{t.class, alphanumeric(f.name), f.name, propertyList(f.columns), f.parent.class, f.refKey, strings.ToLower(f.onDelete), strings.ToLower(f.onUpdate), bit(f.noCheck)})
		}
	}
	return rows
}
