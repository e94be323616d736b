/// The files of a new platform repository: one golden path, one intent, policies with tests, and checks for CI.
public struct StarterPlatform {
  /// One file, by its path below the platform's folder.
  public struct File: Sendable {
    /// The path, with `/` between its parts.
    public let path: String
    /// The text, with a final newline.
    public let text: String
  }

  /// The platform's name: an RFC 1123 label.
  public let name: String

  /// A platform of the given name.
  public init(name: String) { self.name = name }

  /// The files, sorted by path.
  public var files: [File] {
    [
      File(path: "pave.yaml", text: platform), File(path: "README.md", text: readme),
      File(path: "golden-paths/web-app/path.yaml", text: goldenPath),
      File(path: "apps/hello.yaml", text: intent),
      File(path: "policies/require-owner/policy.yaml", text: policy),
      File(path: "policies/require-owner/tests.yaml", text: policyTests),
      File(path: "golden-paths/web-app/tests.yaml", text: goldenPathTests),
      File(path: ".github/workflows/pave.yaml", text: githubWorkflow),
      File(path: ".gitlab-ci.yml", text: gitlabPipeline),
      File(path: ".gitignore", text: "/output/\n"),
    ].sorted { $0.path < $1.path }
  }

  private var platform: String {
    """
    apiVersion: pave.dev/v1alpha1
    kind: Platform
    metadata: {name: \(name)}
    spec:
      intents: ["apps/**/*.yaml"]
      goldenPaths: ["golden-paths/*"]
      policies: ["policies/*"]
      environments:
        - name: dev
          kubernetes: "1.36"
          values: {domain: dev.example.test}
        - name: prod
          promotesFrom: dev
          kubernetes: "1.36"
          values: {domain: example.test}
      output:
        repository: ../\(name)-output.git
        branch: main
        path: ${environment.name}/${intent.metadata.namespace}/${intent.metadata.name}

    """
  }

  private var goldenPath: String {
    #"""
    # A web application: a Deployment and a Service.
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPath
    metadata:
      name: web-app
    spec:
      schema:
        group: \#(name).example
        apiVersion: v1alpha1
        kind: WebApp
        spec:
          image: string | required=true description="with a tag or digest that never changes"
          port: integer | default=8080 minimum=1 maximum=65535 description="where the container listens"
          replicas: integer | default=2 minimum=1 maximum=50
          env: "map[string]string | default={} description=\"environment variables of the container\""
      # The image moves from environment to environment, so it stands there and not in the base.
      promoted: [spec.image]
      resources:
        - id: deployment
          template:
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: ${schema.metadata.name}
              labels: &labels
                app.kubernetes.io/name: ${schema.metadata.name}
                owner: ${schema.metadata.labels.owner}
            spec:
              replicas: ${schema.spec.replicas}
              selector:
                matchLabels:
                  app.kubernetes.io/name: ${schema.metadata.name}
              template:
                metadata:
                  labels: *labels
                spec:
                  automountServiceAccountToken: false
                  securityContext:
                    runAsNonRoot: true
                    seccompProfile: {type: RuntimeDefault}
                  containers:
                    - name: app
                      image: ${schema.spec.image}
                      ports:
                        - {name: http, containerPort: "${schema.spec.port}"}
                      env: '${schema.spec.env.map(name, {"name": name, "value": schema.spec.env[name]})}'
                      readinessProbe:
                        httpGet: {path: /, port: http}
                      resources:
                        requests: {cpu: 50m, memory: 64Mi}
                        limits: {memory: 256Mi}
                      securityContext:
                        allowPrivilegeEscalation: false
                        readOnlyRootFilesystem: true
                        capabilities: {drop: [ALL]}
        - id: service
          template:
            apiVersion: v1
            kind: Service
            metadata:
              name: ${schema.metadata.name}
              labels: *labels
            spec:
              selector: ${deployment.spec.selector.matchLabels}
              ports:
                - {name: http, port: 80, targetPort: http}

    """#
  }

  private var intent: String {
    """
    apiVersion: \(name).example/v1alpha1
    kind: WebApp
    metadata:
      name: hello
      namespace: hello
      labels: {owner: platform}
    spec:
      port: 8080
    environments:
      dev: {spec: {image: "ghcr.io/example/hello:1.1.0", replicas: 1}}
      prod: {spec: {image: "ghcr.io/example/hello:1.0.0"}}

    """
  }

  private var goldenPathTests: String {
    """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPathTests
    cases:
      - name: the environment variables reach the container
        intent:
          apiVersion: \(name).example/v1alpha1
          kind: WebApp
          metadata: {name: hello, namespace: hello, labels: {owner: platform}}
          spec: {image: "ghcr.io/example/hello:1.1.0", port: 9000, replicas: 3, env: {GREETING: hello}}
        environment: dev
        assert:
          - deployment.spec.replicas == 3
          - deployment.spec.template.spec.containers[0].env[0].name == 'GREETING'
          - service.spec.selector == deployment.spec.selector.matchLabels
      - name: an image is asked for
        intent:
          apiVersion: \(name).example/v1alpha1
          kind: WebApp
          metadata: {name: hello, namespace: hello, labels: {owner: platform}}
          spec: {}
        expect: refused
        message: intent/missing-field

    """
  }

  private var policy: String {
    """
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata:
      name: require-owner
      annotations:
        pave.dev/title: Deployments say who owns them
        pave.dev/why: at night somebody has to be called
    spec:
      failurePolicy: Fail
      matchConstraints:
        resourceRules:
          - apiGroups: [apps]
            apiVersions: [v1]
            operations: [CREATE, UPDATE]
            resources: [deployments]
      validations:
        - expression: object.metadata.?labels.?owner.orValue('') != ''
          messageExpression: "'Deployment ' + string(object.metadata.name) + ' has no label owner'"
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata:
      name: require-owner
    spec:
      policyName: require-owner
      validationActions: [Deny]

    """
  }

  private var policyTests: String {
    """
    apiVersion: pave.dev/v1alpha1
    kind: PolicyTests
    # Each object is a merge patch on this one.
    base:
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: a, namespace: default}
    cases:
      - name: an owner is there
        object: {metadata: {labels: {owner: platform}}}
        expect: admit
      - name: nobody owns it
        object: {}
        expect: deny
        message: Deployment a has no label owner

    """
  }

  private var readme: String {
    """
    # \(name)

    A platform kept with Pave: developers write small files in `apps/`, golden paths turn them into Kubernetes manifests.

    ```console
    $ pave lint                          # what is wrong, on the line to mend
    $ pave render --environment dev      # the manifests
    $ pave test                          # the golden paths' and policies' own tests
    $ pave explain WebApp                # what a WebApp can say
    $ pave new WebApp NAME --namespace N # a new one
    $ pave publish --create              # commits the manifests to ../\(name)-output.git
    ```

    """
  }

  private var githubWorkflow: String {
    """
    # The `pave` program must be on the runner's PATH.
    name: pave
    on: [pull_request]
    permissions: {contents: read}
    jobs:
      lint:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v4
            with: {persist-credentials: false}
          - run: pave lint --format github
          - run: pave test

    """
  }

  private var gitlabPipeline: String {
    """
    # The `pave` program must be in the job's image.
    pave:
      stage: test
      rules:
        - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      script:
        - pave lint --format text --format gitlab=gl-code-quality-report.json
        - pave test
      artifacts:
        when: always
        reports: {codequality: gl-code-quality-report.json}

    """
  }
}
