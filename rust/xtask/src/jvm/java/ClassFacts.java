// What compiled classes have that native code counts on: native methods and classes that can be thrown.
// Run by xtask as a source file, with ASM in the class path; its arguments are folders of classes.

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

public final class ClassFacts {
    public static void main(String[] folders) throws Exception {
        Map<String, String> above = new TreeMap<>();
        for (String folder : folders) {
            try (var files = Files.walk(Path.of(folder))) {
                for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                    if (file.toString().endsWith(".class")) {
                        read(Files.readAllBytes(file), above);
                    }
                }
            }
        }
        for (String name : above.keySet()) {
            if (isThrowable(name, above)) {
                System.out.println("throwable " + name.replace('/', '.'));
            }
        }
    }

    private static void read(byte[] bytes, Map<String, String> above) {
        ClassReader reader = new ClassReader(bytes);
        String name = reader.getClassName();
        above.put(name, String.valueOf(reader.getSuperName()));
        reader.accept(new ClassVisitor(Opcodes.ASM9) {
            @Override
            public MethodVisitor visitMethod(int access, String method, String descriptor, String signature, String[] exceptions) {
                if ((access & Opcodes.ACC_NATIVE) != 0) {
                    System.out.println("native " + name.replace('/', '.') + "." + method + descriptor);
                }
                return null;
            }
        }, ClassReader.SKIP_CODE);
    }

    private static boolean isThrowable(String name, Map<String, String> above) throws ClassNotFoundException {
        String type = name;
        while (above.containsKey(type)) {
            type = above.get(type);
        }
        if (!type.startsWith("java/")) {
            return false;
        }
        return Throwable.class.isAssignableFrom(Class.forName(type.replace('/', '.')));
    }
}
