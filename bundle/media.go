package bundle

// Media types of a bundle.
const (
	ArtifactType   = "application/vnd.irisfix.fixture.v1"
	MediaManifest  = "application/vnd.irisfix.manifest.v1+json"
	MediaDAT       = "application/vnd.irisfix.dat.v1"
	MediaBlockMap  = "application/vnd.irisfix.blockmap.v1"
	manifestName   = "manifest.json"
	maxImage       = 4 << 20 // what registries must accept of an image manifest, distribution-spec "Pushing Manifests"
	schemaVersion  = "1.0"
	defaultVersion = "1.0.0"
)

// Annotations of our own. Those of the image specification are used beside them.
const (
	AnnotationTables      = "org.irisfix.tables"
	AnnotationRows        = "org.irisfix.rows"
	AnnotationBlockMapFor = "org.irisfix.blockmap.for"
)

// MaxManifest is the size that a manifest.json must stay below. It holds several thousand tables; a reader keeps it in
// memory.
const MaxManifest = 1 << 20
