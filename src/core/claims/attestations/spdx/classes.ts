/**
 * The classes of SPDX 3.0.1 with their properties, and its vocabularies, as the model states them
 * (spdx/spdx-3-model, support/3.0.1; the same rules as the published spdx-json-schema.json).
 *
 * A property is `name type`: `!` after the name, it must be there; `*` after the type, a list; `1` and `2`, a list of at
 * least so many; `>` before it, an object of that class (or of one below it) or the identifier of one; `=`, a word of that
 * vocabulary.
 */

/** `~` before a name: no object is of this class itself. */
export const CLASSES: readonly (readonly [name: string, above: string, properties: string])[] = [
  // core
  ['CreationInfo', '', 'comment text, created! time, createdBy! >Agent1, createdUsing >Tool*, specVersion! version'],
  ['DictionaryEntry', '', 'key! text, value text'],
  [
    '~Element',
    '',
    `comment text, creationInfo! >CreationInfo, description text, extension >extension_Extension*,
      externalIdentifier >ExternalIdentifier*, externalRef >ExternalRef*, name text, summary text, verifiedUsing
      >IntegrityMethod*`,
  ],
  ['~ElementCollection', 'Element', 'element >Element*, profileConformance =profile*, rootElement >Element*'],
  [
    'ExternalIdentifier',
    '',
    `comment text, externalIdentifierType! =identifierKind, identifier! text, identifierLocator uri*,
      issuingAuthority text`,
  ],
  [
    'ExternalMap',
    '',
    `definingArtifact >Artifact, externalSpdxId! uri, locationHint uri, verifiedUsing >IntegrityMethod*`,
  ],
  ['ExternalRef', '', 'comment text, contentType media, externalRefType =referenceKind, locator text*'],
  ['IndividualElement', 'Element', ''],
  ['~IntegrityMethod', '', 'comment text'],
  ['NamespaceMap', '', 'namespace! uri, prefix! text'],
  [
    'PackageVerificationCode',
    'IntegrityMethod',
    `algorithm! =hash, hashValue! text, packageVerificationCodeExcludedFile text*`,
  ],
  ['PositiveIntegerRange', '', 'beginIntegerRange! positive, endIntegerRange! positive'],
  [
    'Relationship',
    'Element',
    `completeness =completeness, endTime time, from! >Element, relationshipType! =relationship, startTime time,
      to! >Element1`,
  ],
  [
    'SpdxDocument',
    'ElementCollection',
    `dataLicense >simplelicensing_AnyLicenseInfo, import >ExternalMap*, namespaceMap >NamespaceMap*`,
  ],
  ['Tool', 'Element', ''],
  ['Agent', 'Element', ''],
  ['Annotation', 'Element', 'annotationType! =annotation, contentType media, statement text, subject! >Element'],
  [
    '~Artifact',
    'Element',
    `builtTime time, originatedBy >Agent*, releaseTime time, standardName text*, suppliedBy >Agent, supportLevel
      =support*, validUntilTime time`,
  ],
  ['Bundle', 'ElementCollection', 'context text'],
  ['Hash', 'IntegrityMethod', 'algorithm! =hash, hashValue! text'],
  ['LifecycleScopedRelationship', 'Relationship', 'scope =scope'],
  ['Organization', 'Agent', ''],
  ['Person', 'Agent', ''],
  ['SoftwareAgent', 'Agent', ''],
  ['Bom', 'Bundle', ''],
  // software
  [
    'software_ContentIdentifier',
    'IntegrityMethod',
    `software_contentIdentifierType! =contentIdentifier, software_contentIdentifierValue! uri`,
  ],
  [
    '~software_SoftwareArtifact',
    'Artifact',
    `software_additionalPurpose =purpose*, software_attributionText text*, software_contentIdentifier
      >software_ContentIdentifier*, software_copyrightText text, software_primaryPurpose =purpose`,
  ],
  ['software_File', 'software_SoftwareArtifact', 'contentType media, software_fileKind =fileKind'],
  [
    'software_Package',
    'software_SoftwareArtifact',
    `software_downloadLocation uri, software_homePage uri, software_packageUrl uri, software_packageVersion text,
      software_sourceInfo text`,
  ],
  ['software_Sbom', 'Bom', 'software_sbomType =bomKind*'],
  [
    'software_Snippet',
    'software_SoftwareArtifact',
    `software_byteRange >PositiveIntegerRange, software_lineRange >PositiveIntegerRange,
      software_snippetFromFile! >software_File`,
  ],
  // dataset
  [
    'dataset_DatasetPackage',
    'software_Package',
    `dataset_anonymizationMethodUsed text*, dataset_confidentialityLevel =confidentiality,
      dataset_dataCollectionProcess text, dataset_dataPreprocessing text*, dataset_datasetAvailability
      =availability, dataset_datasetNoise text, dataset_datasetSize natural, dataset_datasetType! =dataKind1,
      dataset_datasetUpdateMechanism text, dataset_hasSensitivePersonalInformation =presence, dataset_intendedUse
      text, dataset_knownBias text*, dataset_sensor >DictionaryEntry*`,
  ],
  // ai
  [
    'ai_EnergyConsumption',
    '',
    `ai_finetuningEnergyConsumption >ai_EnergyConsumptionDescription*, ai_inferenceEnergyConsumption
      >ai_EnergyConsumptionDescription*, ai_trainingEnergyConsumption >ai_EnergyConsumptionDescription*`,
  ],
  ['ai_EnergyConsumptionDescription', '', 'ai_energyQuantity! decimal, ai_energyUnit! =energyUnit'],
  [
    'ai_AIPackage',
    'software_Package',
    `ai_autonomyType =presence, ai_domain text*, ai_energyConsumption >ai_EnergyConsumption, ai_hyperparameter
      >DictionaryEntry*, ai_informationAboutApplication text, ai_informationAboutTraining text, ai_limitation
      text, ai_metric >DictionaryEntry*, ai_metricDecisionThreshold >DictionaryEntry*, ai_modelDataPreprocessing
      text*, ai_modelExplainability text*, ai_safetyRiskAssessment =risk, ai_standardCompliance text*,
      ai_typeOfModel text*, ai_useSensitivePersonalInformation =presence`,
  ],
  // simplelicensing
  ['~simplelicensing_AnyLicenseInfo', 'Element', ''],
  [
    'simplelicensing_LicenseExpression',
    'simplelicensing_AnyLicenseInfo',
    `simplelicensing_customIdToUri >DictionaryEntry*, simplelicensing_licenseExpression! text,
      simplelicensing_licenseListVersion version`,
  ],
  ['simplelicensing_SimpleLicensingText', 'Element', 'simplelicensing_licenseText! text'],
  // expandedlicensing
  [
    '~expandedlicensing_LicenseAddition',
    'Element',
    `expandedlicensing_additionText! text, expandedlicensing_isDeprecatedAdditionId flag,
      expandedlicensing_licenseXml text, expandedlicensing_obsoletedBy text, expandedlicensing_seeAlso uri*,
      expandedlicensing_standardAdditionTemplate text`,
  ],
  [
    'expandedlicensing_ListedLicenseException',
    'expandedlicensing_LicenseAddition',
    `expandedlicensing_deprecatedVersion text, expandedlicensing_listVersionAdded text`,
  ],
  [
    'expandedlicensing_ConjunctiveLicenseSet',
    'simplelicensing_AnyLicenseInfo',
    `expandedlicensing_member! >simplelicensing_AnyLicenseInfo2`,
  ],
  ['expandedlicensing_CustomLicenseAddition', 'expandedlicensing_LicenseAddition', ''],
  [
    'expandedlicensing_DisjunctiveLicenseSet',
    'simplelicensing_AnyLicenseInfo',
    `expandedlicensing_member! >simplelicensing_AnyLicenseInfo2`,
  ],
  ['~expandedlicensing_ExtendableLicense', 'simplelicensing_AnyLicenseInfo', ''],
  ['expandedlicensing_IndividualLicensingInfo', 'simplelicensing_AnyLicenseInfo', ''],
  [
    '~expandedlicensing_License',
    'expandedlicensing_ExtendableLicense',
    `expandedlicensing_isDeprecatedLicenseId flag, expandedlicensing_isFsfLibre flag,
      expandedlicensing_isOsiApproved flag, expandedlicensing_licenseXml text, expandedlicensing_obsoletedBy text,
      expandedlicensing_seeAlso uri*, expandedlicensing_standardLicenseHeader text,
      expandedlicensing_standardLicenseTemplate text, simplelicensing_licenseText! text`,
  ],
  [
    'expandedlicensing_ListedLicense',
    'expandedlicensing_License',
    `expandedlicensing_deprecatedVersion text, expandedlicensing_listVersionAdded text`,
  ],
  [
    'expandedlicensing_OrLaterOperator',
    'expandedlicensing_ExtendableLicense',
    `expandedlicensing_subjectLicense! >expandedlicensing_License`,
  ],
  [
    'expandedlicensing_WithAdditionOperator',
    'simplelicensing_AnyLicenseInfo',
    `expandedlicensing_subjectAddition! >expandedlicensing_LicenseAddition,
      expandedlicensing_subjectExtendableLicense! >expandedlicensing_ExtendableLicense`,
  ],
  ['expandedlicensing_CustomLicense', 'expandedlicensing_License', ''],
  // build
  [
    'build_Build',
    'Element',
    `build_buildEndTime time, build_buildId text, build_buildStartTime time, build_buildType! uri,
      build_configSourceDigest >Hash*, build_configSourceEntrypoint text*, build_configSourceUri uri*,
      build_environment >DictionaryEntry*, build_parameter >DictionaryEntry*`,
  ],
  // extension
  ['extension_CdxPropertyEntry', '', 'extension_cdxPropName! text, extension_cdxPropValue text'],
  ['~extension_Extension', '', ''],
  ['extension_CdxPropertiesExtension', 'extension_Extension', 'extension_cdxProperty! >extension_CdxPropertyEntry1'],
  // security
  [
    '~security_VulnAssessmentRelationship',
    'Relationship',
    `suppliedBy >Agent, security_assessedElement >software_SoftwareArtifact, security_modifiedTime time,
      security_publishedTime time, security_withdrawnTime time`,
  ],
  [
    'security_CvssV2VulnAssessmentRelationship',
    'security_VulnAssessmentRelationship',
    `security_score! decimal, security_vectorString! text`,
  ],
  [
    'security_CvssV3VulnAssessmentRelationship',
    'security_VulnAssessmentRelationship',
    `security_score! decimal, security_severity! =severity, security_vectorString! text`,
  ],
  [
    'security_CvssV4VulnAssessmentRelationship',
    'security_VulnAssessmentRelationship',
    `security_score! decimal, security_severity! =severity, security_vectorString! text`,
  ],
  [
    'security_EpssVulnAssessmentRelationship',
    'security_VulnAssessmentRelationship',
    `security_percentile! decimal, security_probability! decimal`,
  ],
  [
    'security_ExploitCatalogVulnAssessmentRelationship',
    'security_VulnAssessmentRelationship',
    `security_catalogType! =catalog, security_exploited! flag, security_locator! uri`,
  ],
  [
    'security_SsvcVulnAssessmentRelationship',
    'security_VulnAssessmentRelationship',
    `security_decisionType! =decision`,
  ],
  [
    '~security_VexVulnAssessmentRelationship',
    'security_VulnAssessmentRelationship',
    `security_statusNotes text, security_vexVersion text`,
  ],
  [
    'security_Vulnerability',
    'Artifact',
    `security_modifiedTime time, security_publishedTime time, security_withdrawnTime time`,
  ],
  [
    'security_VexAffectedVulnAssessmentRelationship',
    'security_VexVulnAssessmentRelationship',
    `security_actionStatement! text, security_actionStatementTime time`,
  ],
  ['security_VexFixedVulnAssessmentRelationship', 'security_VexVulnAssessmentRelationship', ''],
  [
    'security_VexNotAffectedVulnAssessmentRelationship',
    'security_VexVulnAssessmentRelationship',
    `security_impactStatement text, security_impactStatementTime time, security_justificationType =justification`,
  ],
  ['security_VexUnderInvestigationVulnAssessmentRelationship', 'security_VexVulnAssessmentRelationship', ''],
];

/** Vocabularies are classes too. Their objects have no properties. */
export const VOCABULARY_CLASSES = `
  ai_EnergyUnitType ai_SafetyRiskAssessmentType AnnotationType ExternalIdentifierType ExternalRefType
  HashAlgorithm LifecycleScopeType PresenceType ProfileIdentifierType RelationshipCompleteness RelationshipType
  SupportType dataset_ConfidentialityLevelType dataset_DatasetAvailabilityType dataset_DatasetType
  security_CvssSeverityType security_ExploitCatalogType security_SsvcDecisionType security_VexJustificationType
  software_ContentIdentifierType software_FileKindType software_SbomType software_SoftwarePurpose`;

export const VOCABULARIES: Readonly<Record<string, string>> = {
  energyUnit: 'kilowattHour megajoule other',
  profile: 'ai build core dataset expandedLicensing extension lite security simpleLicensing software',
  identifierKind: 'cpe22 cpe23 cve email gitoid other packageUrl securityOther swhid swid urlScheme',
  referenceKind: `
    altDownloadLocation altWebPage binaryArtifact bower buildMeta buildSystem certificationReport chat
    componentAnalysisReport cwe documentation dynamicAnalysisReport eolNotice exportControlAssessment funding
    issueTracker license mailingList mavenCentral metrics npm nuget other privacyAssessment productMetadata
    purchaseOrder qualityAssessmentReport releaseHistory releaseNotes riskAssessment runtimeAnalysisReport
    secureSoftwareAttestation securityAdversaryModel securityAdvisory securityFix securityOther
    securityPenTestReport securityPolicy securityThreatModel socialMedia sourceArtifact staticAnalysisReport support
    vcs vulnerabilityDisclosureReport vulnerabilityExploitabilityAssessment`,
  hash: `
    adler32 blake2b256 blake2b384 blake2b512 blake3 crystalsDilithium crystalsKyber falcon md2 md4 md5 md6 other
    sha1 sha224 sha256 sha384 sha3_224 sha3_256 sha3_384 sha3_512 sha512`,
  completeness: 'complete incomplete noAssertion',
  relationship: `
    affects amendedBy ancestorOf availableFrom configures contains coordinatedBy copiedTo delegatedTo dependsOn
    descendantOf describes doesNotAffect expandsTo exploitCreatedBy fixedBy fixedIn foundBy generates hasAddedFile
    hasAssessmentFor hasAssociatedVulnerability hasConcludedLicense hasDataFile hasDeclaredLicense hasDeletedFile
    hasDependencyManifest hasDistributionArtifact hasDocumentation hasDynamicLink hasEvidence hasExample hasHost
    hasInput hasMetadata hasOptionalComponent hasOptionalDependency hasOutput hasPrerequisite hasProvidedDependency
    hasRequirement hasSpecification hasStaticLink hasTest hasTestCase hasVariant invokedBy modifiedBy other
    packagedBy patchedBy publishedBy reportedBy republishedBy serializedInArtifact testedOn trainedOn
    underInvestigationFor usesTool`,
  contentIdentifier: 'gitoid swhid',
  annotation: 'other review',
  support: 'deployed development endOfSupport limitedSupport noAssertion noSupport support',
  scope: 'build design development other runtime test',
  severity: 'critical high low medium none',
  catalog: 'kev other',
  decision: 'act attend track trackStar',
  purpose: `
    application archive bom configuration container data device deviceDriver diskImage documentation evidence
    executable file filesystemImage firmware framework install library manifest model module operatingSystem other
    patch platform requirement source specification test`,
  justification: `
    componentNotPresent inlineMitigationsAlreadyExist vulnerableCodeCannotBeControlledByAdversary
    vulnerableCodeNotInExecutePath vulnerableCodeNotPresent`,
  fileKind: 'directory file',
  bomKind: 'analyzed build deployed design runtime source',
  presence: 'no noAssertion yes',
  risk: 'high low medium serious',
  confidentiality: 'amber clear green red',
  availability: 'clickthrough directDownload query registration scrapingScript',
  dataKind: `
    audio categorical graph image noAssertion numeric other sensor structured syntactic text timeseries timestamp
    video`,
};

/** Names that stand for objects the model itself holds, by the class that may be asked for. */
export const INDIVIDUALS: Readonly<Record<string, string>> = {
  NoAssertionElement: 'IndividualElement',
  NoneElement: 'IndividualElement',
  SpdxOrganization: 'Organization',
  expandedlicensing_NoAssertionLicense: 'expandedlicensing_IndividualLicensingInfo',
  expandedlicensing_NoneLicense: 'expandedlicensing_IndividualLicensingInfo',
};
