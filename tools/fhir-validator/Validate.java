import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.utilities.npm.NpmPackage;

/**
 * Reads FHIR R4 resources (JSON, one a line) from standard input; prints a line for each error, then how many were read.
 *
 * <p>Each argument is a source of further definitions: a FHIR package (.tgz), or a JSON file with a list of them.
 * Profiles that a resource names and no source defines are counted, and R4 itself is checked all the same.
 */
public class Validate {
  private static final String US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-";
  // codes whose value sets the guide leaves at the Value Set Authority Center
  private static final String ELSEWHERE = "Unknown code 'urn:oid:2.16.840.1.113883.6.238#";
  // said both of each profile that no source defines
  private static final String NOT_FOUND = "has not been checked because it could not be found";
  private static final String NOT_HAD = "Failed to retrieve profile";
  private static final Set<String> DEFINITIONS =
      Set.of("StructureDefinition", "ValueSet", "CodeSystem");

  public static void main(String[] arguments) throws Exception {
    boolean warnings = List.of(arguments).contains("--warnings");
    FhirValidator validator = validator(arguments);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    TreeMap<String, Integer> unchecked = new TreeMap<>();
    int read = 0;
    int wrong = 0;
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      read++;
      for (SingleValidationMessage message : validator.validateWithResult(line).getMessages()) {
        String said = message.getLocationString() + "\t" + message.getMessage();
        boolean error =
            message.getSeverity() == ResultSeverityEnum.ERROR
                || message.getSeverity() == ResultSeverityEnum.FATAL;
        String profile = undefined(message.getMessage());
        if (profile != null) {
          unchecked.merge(profile, message.getMessage().contains(NOT_HAD) ? 0 : 1, Integer::sum);
        } else if (error) {
          wrong++;
          System.out.println(read + "\t" + said);
        } else if (warnings) {
          System.out.println("warning\t" + said);
        }
      }
    }
    unchecked.forEach((name, count) -> System.out.println("not checked: " + name + " of " + count));
    System.out.println("read " + read + ", errors " + wrong);
    System.exit(wrong == 0 ? 0 : 1);
  }

  /** What a message says could not be checked for want of a definition, or null when it says something else. */
  private static String undefined(String message) {
    int start = message.indexOf(US_CORE);
    if (message.contains(ELSEWHERE)) {
      return "race or ethnicity";
    }
    if (start < 0 || !(message.contains(NOT_FOUND) || message.contains(NOT_HAD))) {
      return null;
    }
    return message.substring(start + US_CORE.length()).split("[^a-zA-Z0-9-]")[0];
  }

  private static FhirValidator validator(String[] sources) throws Exception {
    FhirContext context = FhirContext.forR4();
    PrePopulatedValidationSupport further = new PrePopulatedValidationSupport(context);
    for (String source : sources) {
      if (!source.startsWith("--")) {
        load(context, further, Path.of(source));
      }
    }
    ValidationSupportChain chain =
        new ValidationSupportChain(
            further,
            new DefaultProfileValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context));
    FhirInstanceValidator module = new FhirInstanceValidator(chain);
    module.setAnyExtensionsAllowed(false);
    module.setCustomExtensionDomains(List.of("urn:carejourney:extension:"));
    return context.newValidator().registerValidatorModule(module);
  }

  private static void load(FhirContext context, PrePopulatedValidationSupport into, Path source)
      throws Exception {
    if (source.toString().endsWith(".tgz")) {
      try (InputStream stream = Files.newInputStream(source)) {
        NpmPackage packed = NpmPackage.fromPackage(stream);
        for (String kind : DEFINITIONS) {
          for (String name : packed.listResources(kind)) {
            try (InputStream file = packed.load("package", name)) {
              into.addResource((MetadataResource) context.newJsonParser().parseResource(file));
            }
          }
        }
      }
      return;
    }
    for (JsonNode node : new ObjectMapper().readTree(Files.readString(source))) {
      if (DEFINITIONS.contains(node.path("resourceType").asText())) {
        into.addResource((MetadataResource) context.newJsonParser().parseResource(node.toString()));
      }
    }
  }
}
