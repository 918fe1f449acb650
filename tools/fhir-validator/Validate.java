import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/** Reads FHIR R4 resources (JSON, one a line) from standard input; prints a line for each error, then how many were read. */
public class Validate {
  // US Core is named in the resources, and its definitions are not at hand here: what is checked is R4 itself.
  private static final String UNKNOWN_PROFILE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-";

  public static void main(String[] arguments) throws Exception {
    FhirContext context = FhirContext.forR4();
    ValidationSupportChain chain =
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context));
    FhirInstanceValidator module = new FhirInstanceValidator(chain);
    module.setAnyExtensionsAllowed(false);
    module.setCustomExtensionDomains(List.of("urn:carejourney:extension:"));
    FhirValidator validator = context.newValidator().registerValidatorModule(module);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    int read = 0;
    int wrong = 0;
    int unchecked = 0;
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      read++;
      for (SingleValidationMessage message : validator.validateWithResult(line).getMessages()) {
        boolean error =
            message.getSeverity() == ResultSeverityEnum.ERROR
                || message.getSeverity() == ResultSeverityEnum.FATAL;
        if (message.getMessage().contains(UNKNOWN_PROFILE)) {
          unchecked++;
        } else if (error) {
          wrong++;
          System.out.println(read + "\t" + message.getLocationString() + "\t" + message.getMessage());
        } else if (arguments.length > 0 && arguments[0].equals("--warnings")) {
          System.out.println("warning\t" + message.getLocationString() + "\t" + message.getMessage());
        }
      }
    }
    System.out.println("read " + read + ", errors " + wrong + ", profiles not checked " + unchecked);
    System.exit(wrong == 0 ? 0 : 1);
  }
}
