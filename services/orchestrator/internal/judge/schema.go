package judge

import (
	"encoding/json"

	busv1 "chimera/gen/go/chimera/bus/v1"
)

// schema holds the output against the schema that the tool itself declared and that its digest pins.
func schema(f *facts) []finding {
	const rule = "the output must match the tool's own schema"
	// What an effect did stays done, however badly it is reported: read it back.
	d := busv1.Disposition_DISPOSITION_RECONCILE
	if !f.executes() {
		d = retryOrFail(f)
	}
	if f.outputErr != nil {
		return []finding{rejected(d, "schema", rule, "one JSON value", f.outputErr.Error(), "the tool's output is not JSON")}
	}
	if len(f.OutputSchema) == 0 {
		return []finding{passed("schema", rule, "", "no schema", "the tool declares no output schema")}
	}
	if err := validate(f.OutputSchema, f.Result.GetOutputJson()); err != nil {
		return []finding{rejected(d, "schema", rule, "schema", err.Error(), "the tool's output breaks its own schema")}
	}
	return []finding{passed("schema", rule, "schema", "matches", "the output has the declared form")}
}

func validate(schemaJSON, valueJSON []byte) error {
	form := knownForms.of(schemaJSON)
	if form.err != nil {
		return form.err
	}
	var value any
	if err := json.Unmarshal(valueJSON, &value); err != nil {
		return err
	}
	if form.nodes*values(value) > maxWork {
		return errCostly
	}
	return form.schema.Validate(value)
}
