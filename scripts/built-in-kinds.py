#!/usr/bin/env python3
"""Writes Sources/Manifests/BuiltInKinds.swift: what every built-in kind is called and when it is served.

Facts come from PyPI's lightkube-models (one release a Kubernetes minor, generated from the published
OpenAPI), and from the tables below for what OpenAPI does not say. The wheels go to a temporary folder,
or to the folder given as the first argument, and are never part of the product.

    scripts/built-in-kinds.py [FOLDER-WITH-WHEELS]
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

RELEASES = """
1.15.12.8 1.16.15.8 1.17.16.8 1.18.14.8 1.19.6.8 1.20.1.8 1.21.0.8 1.22.0.8 1.23.6.8 1.24.1.8 1.25.4.8 1.26.0.8
1.27.1.8 1.28.1.8 1.29.0.8 1.30.0.8 1.31.1.8 1.32.0.8 1.33.1.8 1.34.0.8 1.35.0.8 1.36.3.8 1.37.0.8
""".split()

# Kubernetes before this minor was never asked: "from 15" means 1.15 or earlier.
OLDEST = int(RELEASES[0].split(".")[1])
NEWEST = int(RELEASES[-1].split(".")[1])

# Short names are part of discovery, not of OpenAPI (pkg/registry/*/*/storage: ShortNames()).
SHORT_NAMES = {
    "componentstatuses": "cs", "configmaps": "cm", "endpoints": "ep", "events": "ev", "limitranges": "limits",
    "namespaces": "ns", "nodes": "no", "persistentvolumeclaims": "pvc", "persistentvolumes": "pv", "pods": "po",
    "replicationcontrollers": "rc", "resourcequotas": "quota", "serviceaccounts": "sa", "services": "svc",
    "customresourcedefinitions": "crd crds", "daemonsets": "ds", "deployments": "deploy", "replicasets": "rs",
    "statefulsets": "sts", "horizontalpodautoscalers": "hpa", "cronjobs": "cj", "certificatesigningrequests": "csr",
    "ingresses": "ing", "networkpolicies": "netpol", "poddisruptionbudgets": "pdb", "podsecuritypolicies": "psp",
    "priorityclasses": "pc", "storageclasses": "sc", "volumeattributesclasses": "vac", "ipaddresses": "ip",
}

# Subresources that are connected to rather than read; lightkube leaves them out.
CONNECTED = {"pods": ["attach", "exec", "portforward", "proxy"], "services": ["proxy"], "nodes": ["proxy"]}

# Still in OpenAPI of 1.16 and 1.17, but switched off (Kubernetes deprecation guide, 1.16).
OFF_SINCE_16 = {("apps", "v1beta1"), ("apps", "v1beta2"), ("extensions", "v1beta1")}

# Betas are off by default when introduced in 1.24 or later (KEP-3136), but for new versions of an API
# that was on already.
BETAS_ON = {("flowcontrol.apiserver.k8s.io", "v1beta3")}


def wheels(folder):
    for release in RELEASES:
        found = list(folder.glob(f"lightkube_models-{release}-*.whl"))
        if not found:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
                 "--dest", str(folder), f"lightkube-models=={release}"], check=True)
            found = list(folder.glob(f"lightkube_models-{release}-*.whl"))
        yield int(release.split(".")[1]), found[0]


class Kind:
    def __init__(self):
        self.plural = None
        self.is_namespaced = None
        self.versions = collections.defaultdict(set)
        self.subresources = collections.defaultdict(set)


def definitions(text):
    pattern = r"class \w+\(res\.(\w+)[,)].*?_api_info = res\.ApiInfo\((.*?)\n    \)"
    for base, body in re.findall(pattern, text, re.S):
        resource = re.search(r"\bresource=res\.ResourceDef\('(.*?)', '(.*?)', '(.*?)'\)", body).groups()
        parent = re.search(r"\bparent=res\.ResourceDef\('(.*?)', '(.*?)', '(.*?)'\)", body)
        action = re.search(r"\baction='(.*?)'", body)
        plural = re.search(r"\bplural='(.*?)'", body).group(1)
        if action:
            yield (parent.groups() if parent else resource), plural, base, action.group(1)
        else:
            yield resource, plural, base, None


def kinds_by_name(folder):
    kinds = collections.defaultdict(Kind)
    for minor, wheel in wheels(folder):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if not re.fullmatch(r"lightkube/resources/\w+_v\w+\.py", name):
                    continue
                for (group, version, kind), plural, base, action in definitions(archive.read(name).decode()):
                    entry = kinds[group, kind]
                    if (group, version) in OFF_SINCE_16 and minor >= 16 and kind != "Ingress":
                        continue
                    if action:
                        entry.subresources[action].add(minor)
                        continue
                    entry.plural = plural
                    entry.is_namespaced = base.startswith("Namespaced")
                    entry.versions[version].add(minor)
                    for connected in CONNECTED.get(plural, []) if group == "" else []:
                        entry.subresources[connected].add(minor)
    return {name: kind for name, kind in kinds.items() if kind.versions}


def span(minors):
    first, last = min(minors), max(minors)
    assert len(minors) == last - first + 1, sorted(minors)
    return f"{first}-" if last == NEWEST else f"{first}-{last + 1}"


def is_on(group, version, minors):
    if "alpha" in version:
        return False
    return "beta" not in version or min(minors) < 24 or (group, version) in BETAS_ON


def stability(version):
    """Newest first: v2, v1, v1beta2, v1beta1, v1alpha1."""
    major, level, minor = re.fullmatch(r"v(\d+)(alpha|beta)?(\d*)", version).groups()
    return ({None: 0, "beta": 1, "alpha": 2}[level], -int(major), -int(minor or 0))


def line(group, name, kind):
    served = set().union(*kind.versions.values())
    versions = [
        ("" if is_on(group, version, kind.versions[version]) else "~") + f"{version}:{span(kind.versions[version])}"
        for version in sorted(kind.versions, key=stability)]
    subresources = [
        subresource if minors >= served else f"{subresource}:{span(minors)}"
        for subresource, minors in sorted(kind.subresources.items())]
    return "|".join([
        group, name, kind.plural, "N" if kind.is_namespaced else "C", SHORT_NAMES.get(kind.plural, ""),
        " ".join(versions), " ".join(subresources)])


HEADER = '''\
// Generated by scripts/built-in-kinds.py; do not edit.

/// What every built-in kind is called and when it is served, one line a kind, sorted by group and kind.
///
/// Columns: group, kind, plural, N(amespaced) or C(luster), short names, versions, subresources.
/// `v1:19-22` is served from 1.19 on and no more by 1.22; from 1.{oldest} means that or earlier; `~` is off
/// unless it is switched on. A subresource without a span is there whenever the kind is.
enum BuiltInKinds {{
  /// The newest Kubernetes minor version that the table knows.
  static let newestMinor = {newest}

  /// The oldest Kubernetes minor version that was looked at.
  static let oldestMinor = {oldest}

  static let table: StaticString = """
'''


def main():
    output = pathlib.Path(__file__).resolve().parent.parent / "Sources/Manifests/BuiltInKinds.swift"
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        kinds = kinds_by_name(folder)
    text = HEADER.format(newest=NEWEST, oldest=OLDEST)
    text += "".join(f"    {line(group, name, kind)}\n" for (group, name), kind in sorted(kinds.items()))
    text += '    """\n}\n'
    output.write_text(text)
    current = sum(any(m >= 30 for ms in k.versions.values() for m in ms) for k in kinds.values())
    print(f"{len(kinds)} kinds, {current} of them served by 1.30 or later")


main()
