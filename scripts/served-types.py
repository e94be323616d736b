#!/usr/bin/env python3
"""Writes Sources/CEmbedded/served-types.txt: the types of the Kubernetes API, their fields and what each may hold.

Facts come from the JSON schemas that PyPI's kubernetes-validate carries, which are made from the OpenAPI document of
each Kubernetes release; no descriptions are kept. The wheel goes to a temporary folder, or to the folder given as the
first argument, and is never part of the product. The same wheel gives the same bytes.

    scripts/served-types.py [FOLDER-WITH-WHEEL]

One line a type and stretch of versions, sorted by the type's name:

    apps.v1.DeploymentSpec|30-37||minReadySeconds i;replicas i;selector! @meta.v1.LabelSelector;...

Columns: name; Kubernetes minors from-to; `apiVersion/Kind` where it is a kind; fields. A field is its name, `!` when
it is required, and its type: s string, b bool, i int32, l int64, n number, q quantity, o int-or-string, t time,
u time with microseconds, y base64, x anything, @NAME a type, ?NAME a type or anything that is no map, [TYPE a list, {TYPE a map with free keys; `^` before one that an apply replaces as a whole. After the type of
a list: `=` for a set, `(k,k)` for the keys of a map list, `~k` for the key that patches merge by.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

RELEASE = "1.37.0"
MINORS = range(30, 38)
OUTPUT = pathlib.Path(__file__).parent.parent / "Sources/CEmbedded/served-types.txt"

SCALARS = {
    "meta.v1.Time": "t", "meta.v1.MicroTime": "u", "meta.v1.Duration": "s", "meta.v1.FieldsV1": "x",
    "resource.Quantity": "q", "intstr.IntOrString": "o", "runtime.RawExtension": "x", "apiextensions.v1.JSON": "x",
    "apiextensions.v1.JSONSchemaPropsOrBool": "?apiextensions.v1.JSONSchemaProps",
    "apiextensions.v1.JSONSchemaPropsOrArray": "?apiextensions.v1.JSONSchemaProps",
    "apiextensions.v1.JSONSchemaPropsOrStringArray": "?apiextensions.v1.JSONSchemaProps",
}


def short(name):
    """`apps.v1.Deployment` for `io.k8s.api.apps.v1.Deployment`."""
    parts = name.split(".")
    for index, part in enumerate(parts):
        if re.fullmatch(r"v\d+((alpha|beta)\d+)?", part):
            return ".".join(parts[index - 1:])
    return ".".join(parts[-2:])


def type_of(schema, definitions):
    """The type of a field; `^` before a map or a type that an apply replaces as a whole."""
    atomic = "^" if schema.get("x-kubernetes-map-type") == "atomic" else ""
    if "$ref" in schema:
        long_name = schema["$ref"].split("/")[-1]
        if definitions[long_name].get("x-kubernetes-map-type") == "atomic":
            atomic = "^"
        name = short(long_name)
        return SCALARS.get(name, atomic + "@" + name)
    if "allOf" in schema:
        return type_of(schema["allOf"][0], definitions)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    kind = next((name for name in types if name != "null"), None)
    form = schema.get("format")
    if kind == "string":
        return {"byte": "y", "date-time": "t"}.get(form, "s")
    if kind == "boolean":
        return "b"
    if kind == "integer":
        return "i" if form == "int32" else "l"
    if kind == "number":
        return "n"
    if kind == "array":
        result = "[" + type_of(schema.get("items", {}), definitions)
        if schema.get("x-kubernetes-list-type") == "set":
            result += "="
        if schema.get("x-kubernetes-list-type") == "map":
            result += "(" + ",".join(schema["x-kubernetes-list-map-keys"]) + ")"
        if "x-kubernetes-patch-merge-key" in schema:
            result += "~" + schema["x-kubernetes-patch-merge-key"]
        return result
    if kind == "object" and "additionalProperties" in schema:
        return atomic + "{" + type_of(schema["additionalProperties"], definitions)
    return "x"


def line_of(schema, definitions):
    kinds = " ".join(
        sorted(
            (f"{k['group']}/" if k["group"] else "") + f"{k['version']}/{k['kind']}"
            for k in schema.get("x-kubernetes-group-version-kind", [])))
    if kinds.count(" ") > 3:  # DeleteOptions and the like stand in every group
        kinds = ""
    required = schema.get("required", [])
    fields = [
        f"{name}{'!' if name in required else ''} {type_of(field, definitions)}"
        for name, field in sorted(schema.get("properties", {}).items())
    ]
    return f"{kinds}|{';'.join(fields)}"


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        if not list(folder.glob("kubernetes_validate-*.whl")):
            subprocess.run(
                ["pip", "download", "--no-deps", "-q", "-d", str(folder), f"kubernetes-validate=={RELEASE}"], check=True)
        wheel = zipfile.ZipFile(next(folder.glob("kubernetes_validate-*.whl")))
        spans = {}  # name -> [[from, to, line]]
        for minor in MINORS:
            path = f"kubernetes_validate/kubernetes-json-schema/v1.{minor}.0-local/_definitions.json"
            document = json.loads(wheel.read(path))
            for long_name, schema in document["$defs"].items():
                name = short(long_name)
                if name in SCALARS or name.endswith("List") and "items" in schema.get("properties", {}):
                    continue
                line = line_of(schema, document["$defs"])
                stretches = spans.setdefault(name, [])
                if stretches and stretches[-1][1] == minor - 1 and stretches[-1][2] == line:
                    stretches[-1][1] = minor
                else:
                    assert not stretches or stretches[-1][1] < minor, f"two types are called {name}"
                    stretches.append([minor, minor, line])
        lines = [f"{name}|{a}-{b}|{line}\n" for name in sorted(spans) for a, b, line in spans[name]]
        OUTPUT.write_text("".join(lines))
        print(f"{OUTPUT.name}: {len(lines)} lines, {OUTPUT.stat().st_size} bytes")


main()
